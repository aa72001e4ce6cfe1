/// What both sides of SMTP share: the event loops that all connections live on.
package org.posthorn.smtp;
