#include "blas_memory.h"

#include <sys/mman.h>

#include "base/mem.h"

#define BUFFER ((size_t)128 << 20) /* OpenBLAS's per thread on x86-64; less elsewhere */
#define SLACK ((size_t)32 << 20)
#define SIDE 64 /* of a matrix product large enough to use the buffer */

bool blas_room(size_t threads, struct error *err)
{
    size_t bytes;
    void *room = MAP_FAILED;
    if (mem_mul(threads, BUFFER, &bytes)) {
        bytes += SLACK;
        room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (room == MAP_FAILED) {
        return error_set(err, ERROR_IO,
                         "out of memory: learning needs %zu MB for %zu %s, more than the system "
                         "or a limit (ulimit -v) allows",
                         threads * (BUFFER >> 20), threads, threads == 1 ? "thread" : "threads");
    }
    munmap(room, bytes);
    return true;
}

bool blas_take_buffer(const struct blas *b, struct error *err)
{
    static float zeros[SIDE * SIDE], product[SIDE * SIDE];
    if (!blas_room(1, err)) {
        return false;
    }
    b->sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1, zeros, SIDE, zeros,
             SIDE, 0, product, SIDE);
    return true;
}
