package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

import java.io.IOException;

/// The queue's store on disk, while the server runs.
@Help("The queue's files.")
public interface StoreMXBean {

    @Help(
            "Checks everything that must be true of the queue, and reads all of it: on a copy of"
                    + " this moment, which is removed again.")
    StoreVerification verify() throws IOException;

    @Help(
            "Copies the queue of this moment. The copy takes no space of its own at first where it"
                    + " is on the same file system. It is used by making its directory the"
                    + " data-directory of a server.")
    void backUp(
            @Help("An absolute path; made when it is missing. There must be no queue in it.")
                    String directory)
            throws IOException;
}
