package org.posthorn.server.transfer;

import org.posthorn.server.mxbean.TransferProgress;
import org.posthorn.server.mxbean.TransferredMail;

import java.util.ArrayList;
import java.util.List;

/// How far an export or import has got. Safe for use by many threads.
public final class Account {
    private static final int MOST_SAID = 1000;

    private final String operation;
    private final List<String> said = new ArrayList<>();
    private long expected;
    private long messages;
    private long jobs;
    private long octets;
    private long refused;

    /// Begins.
    ///
    /// @param operation `export` or `import`
    public Account(String operation) {
        this.operation = operation;
    }

    synchronized void expect(long atMost) {
        expected = atMost;
    }

    synchronized void done(int itsJobs, long itsOctets) {
        messages++;
        jobs += itsJobs;
        octets += itsOctets;
    }

    /// Counts a message that was left out.
    ///
    /// @param what which, and why
    synchronized void refuse(String what) {
        refused++;
        say(what);
    }

    /// Says something that an operator should know.
    synchronized void say(String what) {
        if (said.size() < MOST_SAID) {
            said.add(what);
        }
    }

    /// Returns how far it is.
    public synchronized TransferProgress progress() {
        return new TransferProgress(operation, messages, expected, octets, refused);
    }

    /// Returns how far it is, as the one thing that runs.
    public List<TransferProgress> transfers() {
        return List.of(progress());
    }

    /// Returns what came of it.
    public synchronized TransferredMail result() {
        return new TransferredMail(messages, jobs, octets, refused, said);
    }
}
