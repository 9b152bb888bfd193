// Preloaded into a process: most calls that write to its sockets fail with the error number FICKLE_WRITES, and most that read
// with FICKLE_READS, where these are set. Which ones is the same each time, and follows no period: whoever makes so many calls a
// turn would have the same one fail for ever.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

static unsigned calls;

static int fails(int fd, const char *variable) {
  const char *number = getenv(variable);
  struct stat kind;
  int before = errno;
  if (number != NULL && fstat(fd, &kind) == 0 && S_ISSOCK(kind.st_mode)) {
    unsigned mixed = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    mixed = (mixed ^ (mixed >> 16)) * 0x45d9f3bu;
    mixed = (mixed ^ (mixed >> 16)) * 0x45d9f3bu;
    if ((mixed ^ (mixed >> 16)) % 3 != 0) {
      errno = atoi(number);
      return 1;
    }
  }
  errno = before;
  return 0;
}

#define FICKLE(variable, name, parameters, ...) \
  ssize_t name parameters { \
    static ssize_t (*next) parameters; \
    if (next == NULL) next = dlsym(RTLD_NEXT, #name); \
    return fails(fd, variable) ? -1 : next(__VA_ARGS__); \
  }

FICKLE("FICKLE_WRITES", write, (int fd, const void *octets, size_t count), fd, octets, count)
FICKLE("FICKLE_WRITES", writev, (int fd, const struct iovec *pieces, int count), fd, pieces, count)
FICKLE("FICKLE_WRITES", sendmsg, (int fd, const struct msghdr *message, int flags), fd, message, flags)
FICKLE("FICKLE_READS", read, (int fd, void *octets, size_t count), fd, octets, count)
FICKLE("FICKLE_READS", recv, (int fd, void *octets, size_t count, int flags), fd, octets, count, flags)
