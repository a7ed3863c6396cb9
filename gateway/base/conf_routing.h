/* The routes of a configuration. */
#ifndef LOA_BASE_CONF_ROUTING_H
#define LOA_BASE_CONF_ROUTING_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"
#include "gateway/core/routing.h"

/* One route a channel, in the order of the file; borrows from `conf`. */
void conf_routing(const struct conf *conf, struct routing *out);

#endif
