/* tree FOLDER COUNT PER_FOLDER PHOTO...: COUNT names that end in .jpg, so many
 * in a sub-folder (0: all in FOLDER itself), as hard links of the photographs,
 * which must lie on the same file system. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 5) {
        fputs("usage: tree FOLDER COUNT PER_FOLDER PHOTO...\n", stderr);
        return 2;
    }
    int count = atoi(argv[2]);
    int per_folder = atoi(argv[3]);
    for (int i = 0; i < count; i++) {
        char path[4096];
        int len = snprintf(path, sizeof path, "%s", argv[1]);
        if (per_folder) {
            len += snprintf(path + len, sizeof path - (size_t)len, "/folder-%04d", i / per_folder);
            if (i % per_folder == 0 && mkdir(path, 0777) != 0) {
                break;
            }
        }
        snprintf(path + len, sizeof path - (size_t)len, "/IMG_%07d.jpg", i);
        if (link(argv[4 + i % (argc - 4)], path) != 0) {
            fprintf(stderr, "tree: %s: %s\n", path, strerror(errno));
            return 1;
        }
    }
    return 0;
}
