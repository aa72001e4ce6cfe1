/*
 * Records what a process does to the files below one directory, and when it syncs them: preloaded
 * (LD_PRELOAD) into a process whose disk is to be rebuilt as a power cut would leave it.
 *
 * POWERCUT_ROOT     the directory; paths are recorded relative to it
 * POWERCUT_JOURNAL  where the journal is written, outside of the directory
 * POWERCUT_NOTES    a file whose writes stand in the journal as notes, in order with all the rest
 * POWERCUT_LIES     when set, a sync is acknowledged and does nothing
 *
 * A record: kind (1 octet), handle (4), number (8), length (4), all little-endian, then so many
 * octets. All but syncs happen one at a time, so the journal has the order in which they happened;
 * a sync has a record at its begin and one at its end. Syncs never reach the disk: they take a
 * fixed time instead, so that a recording does not depend on the machine's disk.
 *
 *   O open: handle, number = 1 created + 2 emptied + 4 directory, path    C close: handle
 *   W write: handle, number = offset, octets     T truncate: handle, number = size
 *   E grow: handle, number = size                Z zero: handle, number = offset, 8 octets length
 *   B sync begins: handle, number = ticket       S sync ends: handle, number = ticket
 *   R rename, L link: both paths, 0 between      U unlink, D remove directory, M make directory: path
 *   N note: octets                               X what cannot be recorded: its name
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
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
#define NOTES 0xffffffffu
#define SYNC_NANOSECONDS 200000

struct file {
    uint32_t handle; /* 0 for a file that is not recorded */
    dev_t device;
    ino_t inode;
};

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static struct file files[MOST_FILES];
static char root[4096];
static size_t root_length;
static char notes[4096];
static int journal = -1;
static int lies;
static uint32_t handles;
static uint64_t tickets;

static void fail(const char *what) {
    fprintf(stderr, "recorder: %s: %s\n", what, strerror(errno));
    abort();
}

__attribute__((constructor)) static void begin(void) {
    const char *directory = getenv("POWERCUT_ROOT");
    const char *to = getenv("POWERCUT_JOURNAL");
    const char *from = getenv("POWERCUT_NOTES");
    if (directory == NULL || to == NULL || from == NULL) {
        return;
    }
    snprintf(notes, sizeof notes, "%s", from);
    snprintf(root, sizeof root, "%s", directory);
    root_length = strlen(root);
    lies = getenv("POWERCUT_LIES") != NULL;
    journal = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal < 0) {
        fail(to);
    }
}

/* The path relative to the root, or NULL when it is elsewhere. */
static const char *inside(const char *path) {
    if (journal < 0 || path == NULL || strncmp(path, root, root_length) != 0) {
        return NULL;
    }
    return path[root_length] == '/' ? path + root_length + 1 : path[root_length] == 0 ? "" : NULL;
}

static void record(char kind, uint32_t handle, uint64_t number, const void *octets, size_t length) {
    unsigned char head[17];
    uint32_t size = (uint32_t)length;
    head[0] = (unsigned char)kind;
    memcpy(head + 1, &handle, 4);
    memcpy(head + 5, &number, 8);
    memcpy(head + 13, &size, 4);
    struct iovec parts[2] = {{head, sizeof head}, {(void *)octets, length}};
    if (syscall(SYS_writev, journal, parts, 2) != (long)(sizeof head + length)) {
        fail("the journal cannot be written");
    }
}

static void record_paths(char kind, const char *one, const char *other) {
    char both[8192];
    int length = snprintf(both, sizeof both, "%s%c%s", one, 0, other);
    record(kind, 0, 0, both, (size_t)length);
}

static void unsupported(const char *what) {
    record('X', 0, 0, what, strlen(what));
}

/* The recorded file behind a descriptor, or NULL. A descriptor may have been closed unseen. */
static struct file *recorded(int fd) {
    struct stat now;
    if (journal < 0 || fd < 0 || fd >= MOST_FILES || files[fd].handle == 0) {
        return NULL;
    }
    if (fstat(fd, &now) != 0 || now.st_dev != files[fd].device || now.st_ino != files[fd].inode) {
        files[fd].handle = 0;
        return NULL;
    }
    return &files[fd];
}

static int open_at(int directory, const char *path, int flags, mode_t mode) {
    const char *name = inside(path);
    int is_notes = journal >= 0 && path != NULL && strcmp(path, notes) == 0;
    int saved;
    struct stat before, now;
    if (name == NULL && !is_notes) {
        int fd = syscall(SYS_openat, directory, path, flags, mode);
        if (fd >= 0 && fd < MOST_FILES) {
            files[fd].handle = 0;
        }
        return fd;
    }
    pthread_mutex_lock(&order);
    int created = (flags & O_CREAT) != 0 && stat(path, &before) != 0;
    int fd = syscall(SYS_openat, directory, path, flags, mode);
    saved = errno;
    if (fd >= MOST_FILES) {
        unsupported("too many open files");
    } else if (fd >= 0 && fstat(fd, &now) == 0) {
        files[fd] = (struct file){is_notes ? NOTES : ++handles, now.st_dev, now.st_ino};
        if (!is_notes) {
            int emptied = (flags & O_TRUNC) != 0;
            record('O', files[fd].handle, created + 2 * emptied + (S_ISDIR(now.st_mode) ? 4 : 0), name,
                strlen(name));
        }
    }
    pthread_mutex_unlock(&order);
    errno = saved;
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
    if (journal >= 0 && fd >= 0 && fd < MOST_FILES && files[fd].handle != 0) {
        pthread_mutex_lock(&order);
        if (files[fd].handle != 0 && files[fd].handle != NOTES) {
            record('C', files[fd].handle, 0, NULL, 0);
        }
        files[fd].handle = 0;
        pthread_mutex_unlock(&order);
    }
    return syscall(SYS_close, fd);
}

/* Writes at the file's position, or at its end where it was opened so. */
static ssize_t write_all(int fd, const struct iovec *parts, int count, off_t at, int positioned) {
    struct stat before;
    ssize_t written;
    int saved;
    pthread_mutex_lock(&order);
    struct file *file = recorded(fd);
    off_t offset = at;
    if (file != NULL && file->handle != NOTES && !positioned) {
        if ((fcntl(fd, F_GETFL) & O_APPEND) != 0) {
            offset = fstat(fd, &before) == 0 ? before.st_size : 0;
        } else {
            offset = lseek(fd, 0, SEEK_CUR);
        }
    }
    written = positioned ? syscall(SYS_pwritev, fd, parts, count, at, 0)
                         : syscall(SYS_writev, fd, parts, count);
    saved = errno;
    ssize_t rest = written;
    for (int i = 0; file != NULL && i < count && rest > 0; i++) {
        size_t length = parts[i].iov_len < (size_t)rest ? parts[i].iov_len : (size_t)rest;
        int note = file->handle == NOTES;
        record(note ? 'N' : 'W', note ? 0 : file->handle, note ? 0 : offset, parts[i].iov_base, length);
        offset += length;
        rest -= length;
    }
    pthread_mutex_unlock(&order);
    errno = saved;
    return written;
}

static int is_recorded(int fd) {
    return journal >= 0 && fd >= 0 && fd < MOST_FILES && files[fd].handle != 0;
}

ssize_t write(int fd, const void *octets, size_t length) {
    struct iovec part = {(void *)octets, length};
    return is_recorded(fd) ? write_all(fd, &part, 1, 0, 0) : syscall(SYS_write, fd, octets, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    return is_recorded(fd) ? write_all(fd, parts, count, 0, 0) : syscall(SYS_writev, fd, parts, count);
}

ssize_t pwrite(int fd, const void *octets, size_t length, off_t at) {
    struct iovec part = {(void *)octets, length};
    return is_recorded(fd) ? write_all(fd, &part, 1, at, 1)
                           : syscall(SYS_pwrite64, fd, octets, length, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    return is_recorded(fd) ? write_all(fd, parts, count, at, 1)
                           : syscall(SYS_pwritev, fd, parts, count, at, 0);
}

ssize_t pwrite64(int fd, const void *octets, size_t length, off_t at) { return pwrite(fd, octets, length, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) { return pwritev(fd, parts, count, at); }

int ftruncate(int fd, off_t size) {
    pthread_mutex_lock(&order);
    struct file *file = recorded(fd);
    int result = syscall(SYS_ftruncate, fd, size);
    int saved = errno;
    if (result == 0 && file != NULL) {
        record('T', file->handle, size, NULL, 0);
    }
    pthread_mutex_unlock(&order);
    errno = saved;
    return result;
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }

int truncate(const char *path, off_t size) {
    int fd = open(path, O_WRONLY);
    int result = fd < 0 ? -1 : ftruncate(fd, size);
    if (fd >= 0) {
        close(fd);
    }
    return result;
}

int truncate64(const char *path, off_t size) { return truncate(path, size); }

int fallocate(int fd, int mode, off_t offset, off_t length) {
    pthread_mutex_lock(&order);
    struct file *file = recorded(fd);
    int result = syscall(SYS_fallocate, fd, mode, offset, length);
    int saved = errno;
    if (result == 0 && file != NULL) {
        int zeroes = mode == (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
        if (zeroes) {
            uint64_t octets = (uint64_t)length;
            record('Z', file->handle, offset, &octets, 8);
        } else if (mode == 0) {
            record('E', file->handle, offset + length, NULL, 0);
        } else if (mode != FALLOC_FL_KEEP_SIZE) {
            unsupported("fallocate");
        }
    }
    pthread_mutex_unlock(&order);
    errno = saved;
    return result;
}

int fallocate64(int fd, int mode, off_t offset, off_t length) { return fallocate(fd, mode, offset, length); }
int posix_fallocate(int fd, off_t offset, off_t length) {
    return fallocate(fd, 0, offset, length) == 0 ? 0 : errno;
}
int posix_fallocate64(int fd, off_t offset, off_t length) { return posix_fallocate(fd, offset, length); }

static int sync_file(int fd, long number) {
    pthread_mutex_lock(&order);
    struct file *file = recorded(fd);
    uint32_t handle = file == NULL ? 0 : file->handle;
    uint64_t ticket = ++tickets;
    if (handle != 0 && !lies) {
        record('B', handle, ticket, NULL, 0);
    }
    pthread_mutex_unlock(&order);
    if (handle == 0) {
        return syscall(number, fd);
    }
    if (!lies) {
        struct timespec time = {0, SYNC_NANOSECONDS};
        nanosleep(&time, NULL);
        pthread_mutex_lock(&order);
        record('S', handle, ticket, NULL, 0);
        pthread_mutex_unlock(&order);
    }
    return 0;
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

/* Promises nothing: it leaves the file's size and the disk's cache as they are. */
int sync_file_range(int fd, off_t offset, off_t length, unsigned int flags) {
    return is_recorded(fd) ? 0 : syscall(SYS_sync_file_range, fd, offset, length, flags);
}

static int renamed(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags) {
    const char *one = inside(from), *other = inside(to);
    pthread_mutex_lock(&order);
    int result = syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
    int saved = errno;
    if (result == 0 && one != NULL && other != NULL && flags == 0) {
        record_paths('R', one, other);
    } else if (result == 0 && (one != NULL || other != NULL)) {
        unsupported("a rename across the root, or with flags");
    }
    pthread_mutex_unlock(&order);
    errno = saved;
    return result;
}

int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return renamed(from_directory, from, to_directory, to, 0);
}
int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags) {
    return renamed(from_directory, from, to_directory, to, flags);
}

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags) {
    const char *one = inside(from), *other = inside(to);
    pthread_mutex_lock(&order);
    int result = syscall(SYS_linkat, from_directory, from, to_directory, to, flags);
    int saved = errno;
    if (result == 0 && one != NULL && other != NULL) {
        record_paths('L', one, other);
    } else if (result == 0 && (one != NULL || other != NULL)) {
        unsupported("a link across the root");
    }
    pthread_mutex_unlock(&order);
    errno = saved;
    return result;
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int directory, const char *path, int flags) {
    const char *name = inside(path);
    pthread_mutex_lock(&order);
    int result = syscall(SYS_unlinkat, directory, path, flags);
    int saved = errno;
    if (result == 0 && name != NULL) {
        record((flags & AT_REMOVEDIR) != 0 ? 'D' : 'U', 0, 0, name, strlen(name));
    }
    pthread_mutex_unlock(&order);
    errno = saved;
    return result;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int remove(const char *path) {
    int result = unlink(path);
    return result != 0 && (errno == EISDIR || errno == EPERM) ? rmdir(path) : result;
}

int mkdirat(int directory, const char *path, mode_t mode) {
    const char *name = inside(path);
    pthread_mutex_lock(&order);
    int result = syscall(SYS_mkdirat, directory, path, mode);
    int saved = errno;
    if (result == 0 && name != NULL) {
        record('M', 0, 0, name, strlen(name));
    }
    pthread_mutex_unlock(&order);
    errno = saved;
    return result;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* Writes through memory are not seen here, so they must not happen. */
void *mmap(void *where, size_t length, int protection, int flags, int fd, off_t offset) {
    if (is_recorded(fd) && (protection & PROT_WRITE) != 0 && (flags & MAP_TYPE) != MAP_PRIVATE) {
        pthread_mutex_lock(&order);
        unsupported("a shared mapping that can be written");
        pthread_mutex_unlock(&order);
    }
    return (void *)syscall(SYS_mmap, where, length, protection, flags, fd, offset);
}

void *mmap64(void *where, size_t length, int protection, int flags, int fd, off_t offset) {
    return mmap(where, length, protection, flags, fd, offset);
}
