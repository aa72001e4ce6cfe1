/// Who a client is: the identities of those who authenticate, and the contract by which plugins
/// know them (RFC 4954, RFC 4422).
package org.posthorn.api.auth;
