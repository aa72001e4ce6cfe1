package org.posthorn.api.plugin;

import org.posthorn.api.mail.Envelope;
import org.posthorn.api.mail.HeaderField;
import org.posthorn.api.mail.Recipient;
import org.posthorn.api.mail.ReversePath;

import java.util.List;
import java.util.Map;

/// One mail transaction, and what plugins change about it. For the session's hooks, on their
/// thread.
///
/// Edits are applied by the server when the message is committed, and kept with the name of the
/// plugin that made them. Later plugins see the edited envelope and metadata. A reset drops all of
/// them with the transaction.
public interface Transaction {

    /// Returns the session that it belongs to.
    Session session();

    /// Returns the envelope so far: accepted recipients only, edits applied.
    Envelope envelope();

    /// Replaces where bounces go.
    void sender(ReversePath sender);

    /// Replaces the recipients, for instance to expand an alias or to drop one. At least one must
    /// be left at commit, or the message is discarded.
    void recipients(List<Recipient> recipients);

    /// Adds a field above the header section, below our own `Received`.
    ///
    /// @throws IllegalArgumentException when name or body cannot stand in a header section
    void addHeader(HeaderField field);

    /// Removes all fields of a name, in any case, from what the client sent.
    void removeHeaders(String name);

    /// Returns the facts that will travel with the message.
    Map<String, String> metadata();

    /// Sets such a fact, up to 1,024 characters; empty text removes it.
    void metadata(String key, String value);

    /// Returns the sum of all scores so far.
    double score();

    /// Adds to the score, for a later plugin to judge by.
    ///
    /// @param points more is worse
    /// @param reason what an operator reads, such as `dnsbl:zen.example`
    void score(double points, String reason);
}
