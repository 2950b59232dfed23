/* The two mechanisms. Each returns what goes into struct sandbox_state: a number
 * above 0, or 0 and the reason. */
#ifndef BASE_SANDBOX_PRIVATE_H
#define BASE_SANDBOX_PRIVATE_H

#include "base/sandbox.h"

int landlock_enter(const struct sandbox *rules, char *why, size_t size);
int seccomp_enter(char *why, size_t size);

#endif
