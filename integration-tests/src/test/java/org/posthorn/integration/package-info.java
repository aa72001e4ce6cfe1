/// The packed server as a process, shown at work with software that nobody here wrote.
package org.posthorn.integration;
