/// Reads the tables side by side, past what is damaged.
package org.posthorn.queue.scan;
