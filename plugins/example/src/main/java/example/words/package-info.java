/// The plugin `subject-words`: refuses mail by what its subject says.
package example.words;
