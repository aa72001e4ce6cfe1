/// What is written down: the mail log for operators, the developer log for whoever mends the
/// server.
package org.posthorn.server.log;
