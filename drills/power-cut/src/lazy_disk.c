/* Loaded before the C library: an order to bring a file to the disk is answered with yes and forgotten,
   if its name ends as LAZY_DISK says. For SQLite's "-wal" that is what `synchronous=NORMAL` does with
   each commit. A program under it promises what a power cut takes back. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_forgotten(int file) {
    const char *end = getenv("LAZY_DISK");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (!end || length < (ssize_t)strlen(end)) return 0;
    path[length] = 0;
    return strcmp(path + length - strlen(end), end) == 0;
}

static int order(const char *name, int file) {
    if (is_forgotten(file)) return 0;
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(file);
}

int fsync(int file) { return order("fsync", file); }
int fdatasync(int file) { return order("fdatasync", file); }
