/// The way into the queue: drafts that become messages by one synced commit.
package org.posthorn.api.intake;
