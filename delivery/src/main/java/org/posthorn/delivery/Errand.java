package org.posthorn.delivery;

import org.posthorn.api.mail.MessageId;

/// What somebody wants at a site. Immutable.
///
/// @param job whose message it is, as it stands in logs
/// @param shipment the message
record Errand(String job, Shipment shipment) {
    static String job(MessageId message, int number) {
        return message + "/" + number;
    }
}
