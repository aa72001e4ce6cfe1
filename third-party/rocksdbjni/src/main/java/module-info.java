/// RocksDB's own classes under a module name that does not hang on a file's name.
module rocksdbjni {
    exports org.rocksdb;
    exports org.rocksdb.util;
}
