/* The two mechanisms. Each returns the number for struct sandbox_state, or 0 with the
 * reason in `why`. */
#ifndef BASE_SANDBOX_PRIVATE_H
#define BASE_SANDBOX_PRIVATE_H

#include "base/sandbox.h"

int landlock_enter(const struct sandbox *rules, char *why, size_t size);
int seccomp_enter(char *why, size_t size);

#endif
