/*
 * A disk with faults: preloaded (LD_PRELOAD) into a server, whose files below one directory then
 * cannot be written, or are synced slowly, for as long as a test says so.
 *
 * FAULTS_ROOT     the directory
 * FAULTS_CONTROL  a file of 16 octets outside of it, which may change at any time: "w" for a disk that
 *                 can be written or "r" for one that is read-only; then how long a sync takes, in
 *                 milliseconds, in digits
 *
 * Read-only is what a kernel makes of a file system in which it has found an error: files that are
 * open for writing stay open, and each write, sync, rename and the like fails with EROFS.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST_FILES 65536

static volatile char *control;
static char root[4096];
static size_t root_length;
static unsigned char watched[MOST_FILES];

__attribute__((constructor)) static void begin(void) {
    const char *directory = getenv("FAULTS_ROOT");
    const char *from = getenv("FAULTS_CONTROL");
    if (directory == NULL || from == NULL) {
        return;
    }
    snprintf(root, sizeof root, "%s", directory);
    root_length = strlen(root);
    int fd = syscall(SYS_openat, AT_FDCWD, from, O_RDONLY | O_CLOEXEC);
    void *at = fd < 0 ? MAP_FAILED : (void *)syscall(SYS_mmap, NULL, 16, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        fprintf(stderr, "faults: %s: %s\n", from, strerror(errno));
        abort();
    }
    control = at;
}

static int read_only(void) { return control != NULL && control[0] == 'r'; }

static long sync_time(void) {
    long milliseconds = 0;
    for (int i = 1; i < 16 && control[i] >= '0' && control[i] <= '9'; i++) {
        milliseconds = 10 * milliseconds + control[i] - '0';
    }
    return milliseconds;
}

/* In small steps, so that a disk that gets well ends the wait. */
static void be_slow(void) {
    struct timespec step = {0, 10 * 1000000};
    for (long waited = 0; waited < sync_time(); waited += 10) {
        nanosleep(&step, NULL);
    }
}

static int inside(const char *path) {
    return control != NULL && path != NULL && strncmp(path, root, root_length) == 0
        && (path[root_length] == '/' || path[root_length] == 0);
}

static int is_watched(int fd) { return control != NULL && fd >= 0 && fd < MOST_FILES && watched[fd]; }

static int refused(void) {
    errno = EROFS;
    return -1;
}

static int open_at(int directory, const char *path, int flags, mode_t mode) {
    int ours = inside(path);
    if (ours && read_only() && ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0)) {
        return refused();
    }
    int fd = syscall(SYS_openat, directory, path, flags, mode);
    if (fd >= 0 && fd < MOST_FILES) {
        watched[fd] = ours;
    }
    return fd;
}

static mode_t mode_of(int flags, va_list rest) {
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                                                                  \
    int name(const char *path, int flags, ...) {                                                    \
        va_list rest;                                                                               \
        va_start(rest, flags);                                                                      \
        mode_t mode = mode_of(flags, rest);                                                         \
        va_end(rest);                                                                               \
        return open_at(AT_FDCWD, path, flags, mode);                                                \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                \
    int name(int directory, const char *path, int flags, ...) {                                     \
        va_list rest;                                                                               \
        va_start(rest, flags);                                                                      \
        mode_t mode = mode_of(flags, rest);                                                         \
        va_end(rest);                                                                               \
        return open_at(directory, path, flags, mode);                                               \
    }
OPENAT(openat)
OPENAT(openat64)

int __open_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int creat(const char *path, mode_t mode) {
    return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close(int fd) {
    if (fd >= 0 && fd < MOST_FILES) {
        watched[fd] = 0;
    }
    return syscall(SYS_close, fd);
}

#define REFUSE(when)                                                                                \
    if (read_only() && (when)) {                                                                    \
        return refused();                                                                           \
    }

ssize_t write(int fd, const void *octets, size_t length) {
    REFUSE(is_watched(fd))
    return syscall(SYS_write, fd, octets, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REFUSE(is_watched(fd))
    return syscall(SYS_writev, fd, parts, count);
}

ssize_t pwrite(int fd, const void *octets, size_t length, off_t at) {
    REFUSE(is_watched(fd))
    return syscall(SYS_pwrite64, fd, octets, length, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    REFUSE(is_watched(fd))
    return syscall(SYS_pwritev, fd, parts, count, at, 0);
}

ssize_t pwrite64(int fd, const void *octets, size_t length, off_t at) { return pwrite(fd, octets, length, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) { return pwritev(fd, parts, count, at); }

int ftruncate(int fd, off_t size) {
    REFUSE(is_watched(fd))
    return syscall(SYS_ftruncate, fd, size);
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int fallocate(int fd, int mode, off_t offset, off_t length) {
    REFUSE(is_watched(fd))
    return syscall(SYS_fallocate, fd, mode, offset, length);
}

int fallocate64(int fd, int mode, off_t offset, off_t length) { return fallocate(fd, mode, offset, length); }
int posix_fallocate(int fd, off_t offset, off_t length) {
    return fallocate(fd, 0, offset, length) == 0 ? 0 : errno;
}
int posix_fallocate64(int fd, off_t offset, off_t length) { return posix_fallocate(fd, offset, length); }

static int sync_file(int fd, long number) {
    REFUSE(is_watched(fd))
    if (is_watched(fd)) {
        be_slow();
    }
    return syscall(number, fd);
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags) {
    REFUSE(inside(from) || inside(to))
    return syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, 0);
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    REFUSE(inside(to))
    return syscall(SYS_linkat, from_directory, from, to_directory, to, flags);
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int directory, const char *path, int flags) {
    REFUSE(inside(path))
    return syscall(SYS_unlinkat, directory, path, flags);
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int directory, const char *path, mode_t mode) {
    struct stat now;
    if (read_only() && inside(path)) {
        errno = stat(path, &now) == 0 ? EEXIST : EROFS;
        return -1;
    }
    return syscall(SYS_mkdirat, directory, path, mode);
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int access(const char *path, int mode) {
    REFUSE(inside(path) && (mode & W_OK) != 0)
    return syscall(SYS_faccessat, AT_FDCWD, path, mode);
}
