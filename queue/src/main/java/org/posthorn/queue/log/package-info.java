/// The seam between the queue and what makes it durable: a log in partitions, with one owner each.
package org.posthorn.queue.log;
