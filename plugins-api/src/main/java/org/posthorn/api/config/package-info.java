/// How a record says what an operator may configure.
package org.posthorn.api.config;
