/// The log on a local RocksDB: log and view are one store, so each message is written once.
package org.posthorn.queue.rocks;
