/// A disk that is written down while a process uses it, and rebuilt as a power cut would leave it.
package org.posthorn.queue.powercut;
