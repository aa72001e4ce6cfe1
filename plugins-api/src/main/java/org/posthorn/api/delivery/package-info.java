/// What became of an attempt to deliver.
package org.posthorn.api.delivery;
