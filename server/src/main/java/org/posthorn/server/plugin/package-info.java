/// Finds plugins in their directories, gives each its own module layer, and starts what the
/// configuration asks for.
package org.posthorn.server.plugin;
