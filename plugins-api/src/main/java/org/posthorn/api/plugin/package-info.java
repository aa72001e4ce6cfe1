/// What a plugin implements, and what it is told and may answer: hooks and verdicts.
package org.posthorn.api.plugin;
