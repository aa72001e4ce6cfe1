/// Messages on their way from queue to queue: as files, each its content and its envelope in JSON.
package org.posthorn.server.transfer;
