/// A log in memory with faults: seeded, in one thread, the same each time.
package org.posthorn.queue.sim;
