/// For plugin authors and our own tests: scripted dialogues, in-memory DNS, a clock by hand.
package org.posthorn.testkit;
