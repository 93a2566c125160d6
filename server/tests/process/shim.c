/* Loaded before the C library: lets calls that write below one folder fail, or kills the process
 * there. The control is a file of four numbers that the test changes while the program runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum { NOTHING = 0, INPUT_OUTPUT_ERROR = 1, NO_SPACE = 2, DEATH = 3, HALF_THEN_DEATH = 4 };

struct control {
    uint64_t calls;   /* so far */
    uint64_t first;   /* the first call that fails, from 1 */
    uint64_t failing; /* how many fail from there on */
    uint64_t kind;
};

static volatile struct control *control;
static char folder[4096];

__attribute__((constructor)) static void load(void) {
    const char *path = getenv("SHIM_CONTROL");
    const char *below = getenv("SHIM_FOLDER");
    if (!path || !below) return;
    snprintf(folder, sizeof folder, "%s/", below);
    int file = open(path, O_RDWR);
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) control = mapped;
}

static int is_watched(int file) {
    char link[64], path[4096];
    if (!control) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

/* What is to happen to this call. */
static int fate(int file) {
    if (!is_watched(file)) return NOTHING;
    uint64_t call = __sync_add_and_fetch(&control->calls, 1);
    if (!control->first || call < control->first) return NOTHING;
    if (call - control->first >= control->failing) return NOTHING;
    int kind = (int)control->kind;
    if (kind == DEATH) raise(SIGKILL);
    if (kind == INPUT_OUTPUT_ERROR) errno = EIO;
    if (kind == NO_SPACE) errno = ENOSPC;
    return kind;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define WRITING(name, ...) \
    int kind = fate(file); \
    if (kind == HALF_THEN_DEATH) { \
        length /= 2; \
        ssize_t written = real(__VA_ARGS__); \
        (void)written; \
        raise(SIGKILL); \
    } \
    if (kind) return -1; \
    return real(__VA_ARGS__)

ssize_t write(int file, const void *bytes, size_t length) {
    REAL(write);
    WRITING(write, file, bytes, length);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) {
    REAL(pwrite);
    WRITING(pwrite, file, bytes, length, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) {
    REAL(pwrite64);
    WRITING(pwrite64, file, bytes, length, at);
}

#define FLUSHING(call) \
    int kind = fate(file); \
    if (kind == HALF_THEN_DEATH) raise(SIGKILL); \
    if (kind) return -1; \
    return call

int fsync(int file) {
    REAL(fsync);
    FLUSHING(real(file));
}

int fdatasync(int file) {
    REAL(fdatasync);
    FLUSHING(real(file));
}

int ftruncate(int file, off_t length) {
    REAL(ftruncate);
    FLUSHING(real(file, length));
}

int ftruncate64(int file, off64_t length) {
    REAL(ftruncate64);
    FLUSHING(real(file, length));
}
