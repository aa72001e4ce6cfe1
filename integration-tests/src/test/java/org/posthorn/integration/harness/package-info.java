/// Starts the packed server and other programs in directories of their own, and reads what they
/// leave.
package org.posthorn.integration.harness;
