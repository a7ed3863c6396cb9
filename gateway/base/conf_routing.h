/* The routes of a configuration: which links may carry which numbers, and in what order. */
#ifndef LOA_BASE_CONF_ROUTING_H
#define LOA_BASE_CONF_ROUTING_H
// SPDX-License-Identifier: MIT

#include "gateway/base/conf.h"
#include "gateway/core/routing.h"

/* For each channel one route of the links without prefixes, and one for each different set of links
 * that prefixes lead to; borrows from `conf`.  Gives the link whose prefixes would need a route too
 * many (ROUTES_MAX), or one of them a place too many on its route (ROUTE_PREFIXES); NULL: all fit.
 */
const struct conf_link *conf_routing(const struct conf *conf, struct routing *out);

/* How `link` stands on a route: by the length of its prefix, then by its price.  0 goes first; -1:
 * it does not carry these numbers. */
int conf_route_order(const struct conf *conf, const struct routing_route *route,
                     const struct conf_link *link);

/* A beginning of mobile numbers that no link of the channel carries, into `out`; false: there is
 * none. */
enum { CONF_GAP_SIZE = 12 };
bool conf_routing_gap(const struct conf *conf, const struct conf_channel *channel,
                      char out[CONF_GAP_SIZE]);

#endif
