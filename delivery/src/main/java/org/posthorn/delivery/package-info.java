/// Gets queued mail to where it is going: routes, MX lookup, outgoing sessions, retries, bounces.
package org.posthorn.delivery;
