package org.posthorn.queue.log;

/// A change of a partition's state by somebody who does not own it any more. Nothing was changed.
public final class NotOwnerException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Makes one.
    public NotOwnerException(Lease lease) {
        super(
                "the lease of partition "
                        + lease.partition()
                        + " with epoch "
                        + lease.epoch()
                        + " is over");
    }
}
