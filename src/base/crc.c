#include "base/crc.h"

#define TABLE_FROM 4096 /* bytes for which a table pays off */

static uint32_t step(uint32_t crc)
{
    for (int bit = 0; bit < 8; bit++) {
        crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return crc;
}

static uint32_t crc_by_table(const uint8_t *p, size_t len, uint32_t crc)
{
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = step(i);
    }
    for (size_t i = 0; i < len; i++) {
        crc = crc >> 8 ^ table[(crc ^ p[i]) & 0xff];
    }
    return crc;
}

uint32_t crc32_of(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint32_t crc = UINT32_MAX;
    if (len >= TABLE_FROM) {
        return ~crc_by_table(p, len, crc);
    }
    for (size_t i = 0; i < len; i++) {
        crc = step(crc ^ p[i]);
    }
    return ~crc;
}
