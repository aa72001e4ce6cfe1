/// What the queue keeps and how it stands on disk: keys, records with a format version, and the
/// pure function from facts to changes of tables.
package org.posthorn.queue.state;
