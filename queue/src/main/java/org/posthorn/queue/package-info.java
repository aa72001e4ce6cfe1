/// The durable to-do list: what must be done for which message, and when (architecture: jobs,
/// lanes, settlement).
package org.posthorn.queue;
