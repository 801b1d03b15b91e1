/* The C library's clock at the second that the variable SECONDS names, for LD_PRELOAD. */

#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
  (void)clock;
  time->tv_sec = atol(getenv("SECONDS"));
  time->tv_nsec = 0;
  return 0;
}
