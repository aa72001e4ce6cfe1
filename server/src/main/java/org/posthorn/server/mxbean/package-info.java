/// What can be seen and done while the server runs: the contract behind the command line, JMX
/// clients and whatever else looks at the server.
package org.posthorn.server.mxbean;
