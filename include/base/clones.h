/* Functions compiled for several instruction sets, one of which is chosen when the
 * program starts. */
#ifndef BASE_CLONES_H
#define BASE_CLONES_H

/* Not under the sanitizers: the choice (an ifunc) runs before they are initialised. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&      \
    defined(__GNUC__) && !defined(__clang__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#endif
