/// What happened to mail: events that observers are told, and never asked about.
package org.posthorn.api.event;
