/* Loa's version, as `loa --version` and the heartbeat of a worker say it. */
#ifndef LOA_CORE_VERSION_H
#define LOA_CORE_VERSION_H
// SPDX-License-Identifier: MIT

#define LOA_VERSION "0.1.0"

#endif
