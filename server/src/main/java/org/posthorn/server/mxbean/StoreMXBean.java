package org.posthorn.server.mxbean;

import org.posthorn.api.config.Help;

import java.io.IOException;
import java.util.List;

/// The queue's store on disk, while the server runs.
@Help("The queue's files.")
public interface StoreMXBean {

    @Help(
            "What keeps the queue from being written or from taking mail, and what to do; empty when"
                    + " all is well.")
    String getFault();

    @Help("What was found to be unreadable since the start, at most the last hundred of it.")
    List<String> getDamage();

    @Help("Octets that are free on the file system.")
    long getFreeOctets();

    @Help("Octets of memory that messages take which are coming in.")
    long getDraftOctets();

    @Help("Changes that wait for the next sync.")
    long getWaitingWrites();

    @Help("How long the sync that runs has taken so far, or the last one, in milliseconds.")
    long getSyncMillis();

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

    @Help(
            "Writes messages of this moment to files, each as ID.json, its envelope, and ID.eml, its"
                    + " content. They stay in the queue. What is there already is not replaced.")
    TransferredMail exportTo(
            @Help("A selection.") String where,
            @Help(
                            "An absolute path: a directory, made when it is missing, or a tar archive to"
                                    + " be made, whose name ends with .tar.")
                    String path)
            throws IOException;

    @Help(
            "Takes messages from files into the queue, with all that happened to them before. Each is"
                    + " taken whole or not at all; what is wrong with one does not stop the others.")
    TransferredMail importFrom(
            @Help("An absolute path: a directory, a tar archive, or the .json of one message.")
                    String path,
            @Help("Whether all get new ids, also where theirs are free here.") boolean newIds,
            @Help("The operator; empty for the one who is logged in.") String who,
            @Help("The operator's reason; may be empty.") String why)
            throws IOException;

    @Help("How far the export or import is that runs now: one, or none.")
    List<TransferProgress> getTransfers();
}
