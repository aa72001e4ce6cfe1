/// Holds the documents to the code.
package org.posthorn.integration.documents;
