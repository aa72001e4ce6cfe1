/// How the server is operated: MXBeans as the contract, and the way to them.
package org.posthorn.server.management;
