/// The rules of the architecture, read off the compiled modules.
package org.posthorn.integration.architecture;
