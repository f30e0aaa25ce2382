"""Made-up files of published layouts, for the presets: each as its maker writes it, cut to a few rows."""

from __future__ import annotations

import json
from typing import Any

SHOPIFY = """Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,Notes,Cancelled at,Payment Method,Refunded Amount,Vendor,Id,Tags,Source,Lineitem discount,Phone
#1001,Ann@Example.com ,paid,2024-01-05 10:31:00 +0100,fulfilled,,yes,EUR,27.00,4.90,5.10,31.90,TEA10,3.00,Post,2024-01-05 23:30:00 +0100,2,Tea,10.00,,TEA-1,true,true,fulfilled,"Ann, A.","two
lines",,Card,0.00,Shop,5001,,web,0.00,
#1001,ann@example.com,,,,,,,,,,,,,,2024-01-05 23:30:00 +0100,1,Mug,10.00,,,true,true,fulfilled,,,,,,Shop,,,,0.00,
#1002,bob@example.com,voided,,unfulfilled,,no,EUR,10.00,0.00,0.00,10.00,,0.00,,2024-01-06 09:00:00 +0100,1,Mug,10.00,,MUG,true,true,pending,Bob,,2024-01-06 10:00:00 +0100,Card,0.00,Shop,5002,,web,0.00,
#1003,,paid,2024-01-07 09:00:00 +0100,fulfilled,,no,EUR,10.00,0.00,0.00,10.00,,0.00,,2024-01-07 09:00:00 +0100,1,Mug,10.00,,MUG,true,true,fulfilled,,,,Cash,0.00,Shop,5003,,pos,0.00,
"""
WOOCOMMERCE: list[dict[str, Any]] = [
    {
        "id": 727,
        "parent_id": 0,
        "number": "727",
        "created_via": "checkout",
        "status": "completed",
        "currency": "EUR",
        "date_created": "2024-01-05T10:30:00",
        "date_created_gmt": "2024-01-05T09:30:00",
        "date_modified": "2024-01-06T10:30:00",
        "customer_id": 26,
        "total": "29.35",
        "line_items": [
            {
                "id": 1,
                "name": "Tea",
                "product_id": 93,
                "variation_id": 0,
                "quantity": 2,
                "subtotal": "6.00",
                "total": "5.40",
                "sku": "tea",
                "price": 2.7,
            },
            {
                "id": 2,
                "name": "Mug",
                "product_id": 22,
                "variation_id": 23,
                "quantity": 1,
                "subtotal": "12.00",
                "total": "12.00",
                "sku": "",
                "price": 12,
            },
        ],
        "meta_data": [{"id": 1, "key": "a", "value": "b"}],
    },
    {
        "id": 728,
        "created_via": "rest-api",
        "status": "processing",
        "currency": "EUR",
        "date_created": "2024-01-07T10:30:00",
        "date_modified": "2024-01-07T10:30:00",
        "customer_id": 0,
        "line_items": [{"id": 3, "name": "Mug", "product_id": 22, "quantity": 1, "total": "12.00", "sku": "mug"}],
    },
    {
        "id": 729,
        "created_via": "checkout",
        "status": "failed",
        "currency": "EUR",
        "date_created": "2024-01-07T10:30:00",
        "date_modified": "2024-01-07T10:30:00",
        "customer_id": 5,
        "line_items": [{"id": 4, "name": "Mug", "product_id": 22, "quantity": 1, "total": "12.00", "sku": "mug"}],
    },
]
MAGENTO: dict[str, Any] = {
    "items": [
        {
            "entity_id": 1,
            "increment_id": "000000001",
            "customer_id": 7,
            "status": "complete",
            "state": "complete",
            "created_at": "2024-01-05 23:30:00",
            "updated_at": "2024-01-08 09:00:00",
            "order_currency_code": "EUR",
            "items": [
                {
                    "item_id": 1,
                    "sku": "shirt-red-m",
                    "qty_ordered": 2,
                    "price": 20,
                    "row_total": 40,
                    "discount_amount": 4,
                    "product_type": "configurable",
                },
                {
                    "item_id": 2,
                    "parent_item_id": 1,
                    "sku": "shirt-red-m",
                    "qty_ordered": 2,
                    "price": 0,
                    "row_total": 0,
                    "discount_amount": 0,
                },
            ],
        },
        {
            "entity_id": 2,
            "increment_id": "000000002",
            "status": "canceled",
            "created_at": "2024-01-06 10:00:00",
            "updated_at": "2024-01-06 10:00:00",
            "order_currency_code": "EUR",
            "items": [{"item_id": 3, "sku": "mug", "qty_ordered": 1, "row_total": 12, "discount_amount": 0}],
        },
    ],
    "search_criteria": {"filter_groups": [{"filters": [{"field": "created_at"}]}]},
    "total_count": 2,
}
AMAZON = "\n".join(
    line.replace("|", "\t")
    for line in (
        "amazon-order-id|merchant-order-id|purchase-date|last-updated-date|order-status|fulfillment-channel|sales-channel|order-channel|ship-service-level|product-name|sku|asin|item-status|quantity|currency|item-price|item-tax|shipping-price|shipping-tax|gift-wrap-price|gift-wrap-tax|item-promotion-discount|ship-promotion-discount|ship-city|ship-state|ship-postal-code|ship-country|promotion-ids|is-business-order|purchase-order-number|price-designation",
        '302-1|m1|2024-01-05T22:30:00+00:00|2024-01-06T00:00:00+00:00|Shipped|Amazon|Amazon.de||Expedited|Tea 12" tin|TEA|B01|Shipped|2|EUR|20.00|3.19|4.99|0.80|||2.00||Berlin||10115|DE||false||',
        "302-1|m1|2024-01-05T22:30:00+00:00|2024-01-06T00:00:00+00:00|Shipped|Amazon|Amazon.de||Expedited|Mug|MUG|B02|Shipped|1|EUR|9.99|1.60|||||||Berlin||10115|DE||false||",
        "302-2|m2|2024-01-06T08:00:00+00:00|2024-01-06T09:00:00+00:00|Cancelled|Merchant|Amazon.de||Standard|Mug|MUG|B02|Cancelled|0|EUR|||||||||Bonn||53111|DE||false||",
        "",
    )
)
TAOBAO: dict[str, Any] = {
    "trades_sold_get_response": {
        "total_results": 2,
        "trades": {
            "trade": [
                {
                    "tid": 2231958349,
                    "status": "TRADE_FINISHED",
                    "created": "2024-01-05 20:00:00",
                    "modified": "2024-01-09 09:00:00",
                    "buyer_open_uid": "AAHd5d-EAAeGwJedwSHpg8bT",
                    "orders": {
                        "order": [
                            {
                                "oid": 1,
                                "num_iid": 3424234,
                                "outer_sku_id": "81893848",
                                "num": 2,
                                "price": "200.00",
                                "payment": "380.00",
                                "divide_order_fee": "370.50",
                                "refund_status": "NO_REFUND",
                            },
                            {"oid": 2, "num_iid": 3424235, "num": 1, "payment": "12.80", "refund_status": "SUCCESS"},
                        ]
                    },
                },
                {
                    "tid": 2231958350,
                    "status": "WAIT_BUYER_PAY",
                    "created": "2024-01-06 20:00:00",
                    "modified": "2024-01-06 20:00:00",
                    "buyer_open_uid": "BBB",
                    "orders": {
                        "order": [
                            {"oid": 3, "num_iid": 3424234, "num": 1, "payment": "200.00", "refund_status": "NO_REFUND"}
                        ]
                    },
                },
            ]
        },
    }
}
GA4: list[dict[str, Any]] = [
    {
        "event_date": "20240105",
        "event_timestamp": "1704495600123456",
        "event_name": "view_item",
        "platform": "WEB",
        "user_id": "u1",
        "user_pseudo_id": "1.2",
        "event_params": [
            {"key": "page_location", "value": {"string_value": "https://shop/tea"}},
            {"key": "ga_session_id", "value": {"int_value": "1704495600"}},
        ],
        "items": [{"item_id": "TEA", "item_name": "Tea", "price": 3.5}, {"item_id": "MUG", "item_name": "Mug"}],
    },
    {
        "event_date": "20240105",
        "event_timestamp": "1704495601000000",
        "event_name": "view_search_results",
        "user_pseudo_id": "1.2",
        "platform": "WEB",
        "items": [],
        "event_params": [{"key": "search_term", "value": {"string_value": "green tea"}}],
    },
]
SEGMENT: list[dict[str, Any]] = [
    {
        "type": "track",
        "event": "Product Added",
        "userId": "u1",
        "anonymousId": "a",
        "messageId": "m1",
        "timestamp": "2024-01-05T23:30:00.123Z",
        "context": {"library": {"name": "analytics.js"}},
        "properties": {"product_id": "TEA", "price": 3.5, "quantity": 1},
    },
    {
        "type": "track",
        "event": "Products Searched",
        "anonymousId": "a",
        "timestamp": "2024-01-05T23:31:00.123Z",
        "properties": {"query": "green tea"},
    },
    {"type": "identify", "userId": "u1", "timestamp": "2024-01-05T23:32:00.000Z", "traits": {"plan": "x"}},
]
SNOWPLOW: list[dict[str, Any]] = [
    {
        "app_id": "shop",
        "platform": "web",
        "collector_tstamp": "2024-01-05T23:30:01.000Z",
        "event": "page_view",
        "derived_tstamp": "2024-01-05T23:30:00.500Z",
        "event_name": "page_view",
        "event_id": "e1",
        "user_id": "u1",
        "domain_userid": "d1",
        "page_urlpath": "/tea",
    },
    {
        "app_id": "shop",
        "platform": "web",
        "collector_tstamp": "2024-01-05T23:31:00.000Z",
        "event": "struct",
        "se_category": "ecomm",
        "se_action": "add-to-basket",
        "se_label": "offers",
        "se_property": "TEA",
    },
    {
        "platform": "web",
        "collector_tstamp": "2024-01-05T23:32:00.000Z",
        "event": "page_ping",
        "event_name": "page_ping",
    },
]


def lines(objects: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(found) + "\n" for found in objects)


FILES: dict[str, str] = {
    "shopify_orders": SHOPIFY,
    "woocommerce_orders": json.dumps(WOOCOMMERCE),
    "magento_orders": json.dumps(MAGENTO, indent=2),
    "amazon_orders": AMAZON,
    "taobao_orders": json.dumps(TAOBAO),
    "ga4_events": lines(GA4),
    "segment_events": lines(SEGMENT),
    "snowplow_events": lines(SNOWPLOW),
}
