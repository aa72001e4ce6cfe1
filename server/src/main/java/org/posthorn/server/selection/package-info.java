/// Selections: how operators say which mail they mean.
package org.posthorn.server.selection;
