package org.posthorn.server.mxbean;

/// How much was selected, or changed. Immutable.
///
/// @param messages how many messages have such jobs
/// @param jobs how many jobs: one per message and destination
/// @param octets the size of these messages
public record SelectedMail(long messages, long jobs, long octets) {}
