#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "work.h"

bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *data_folder(const struct command_line *line)
{
    if (!line->operand_count) {
        return mem_string(".", 1);
    }
    const char *first = line->operands[0];
    return is_folder(first) ? mem_string(first, strlen(first)) : file_dirname(first);
}

char *labels_path(const char *operand)
{
    return is_folder(operand) ? file_join(operand, "labels.csv")
                              : mem_string(operand, strlen(operand));
}
