"""`/limits`: what the org may use and what is left of it, and `/limits/recordCount`.

Source: REST API Developer Guide, "Limits" and "Record Count"; names and maxima as recorded from a real org. What
is left is real for API requests and permission sets; nothing else is used up here.
"""

from __future__ import annotations

from salesforce_mcp.demo.http import Call, Reply, resource

MAXIMA = {
    "AnalyticsExternalDataSizeMB": 40_960,
    "CdpAiInferenceApiMonthlyLimit": 500_000_000,
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentEinsteinDataInsightsStoryCreation": 5,
    "ConcurrentEinsteinDiscoveryStoryCreation": 2,
    "ConcurrentSyncReportRuns": 20,
    "ContentDistBandwidthLimitMB": 51_200,
    "ContentDistViewLimit": 50_000,
    "ContentPublicationLimit": 2_500,
    "DailyAnalyticsDataflowJobExecutions": 60,
    "DailyAnalyticsUploadedFilesSizeMB": 51_200,
    "DailyApexCursorLimit": 10_000,
    "DailyApexCursorRowsLimit": 100_000_000,
    "DailyApexPCursorLimit": 200_000,
    "DailyAsyncApexExecutions": 250_000,
    "DailyAsyncApexTests": 500,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDeliveredPlatformEvents": 10_000,
    "DailyDurableGenericStreamingApiEvents": 10_000,
    "DailyDurableStreamingApiEvents": 10_000,
    "DailyEinsteinDataInsightsStoryCreation": 1_000,
    "DailyEinsteinDiscoveryOptimizationJobRuns": 25,
    "DailyEinsteinDiscoveryPredictAPICalls": 50_000,
    "DailyEinsteinDiscoveryPredictionsByCDC": 500_000,
    "DailyEinsteinDiscoveryStoryCreation": 100,
    "DailyFunctionsApiCallLimit": 50_000,
    "DailyGenericStreamingApiEvents": 10_000,
    "DailyMetadataRetrievesWithDependencies": 25,
    "DailyServiceEmailAgentforceCalls": 5_000,
    "DailyStandardVolumePlatformEvents": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DailyWorkflowEmails": 8_040,
    "DataStorageMB": 10_240,
    "DurableStreamingApiConcurrentClients": 20,
    "ExternalServicesActiveObjects": 3_000,
    "ExternalServicesActiveOperations": 3_000,
    "ExternalServicesObjectProperties": 400_000,
    "ExternalServicesObjects": 10_000,
    "ExternalServicesOperations": 10_000,
    "ExternalServicesRegistrations": 700,
    "FileStorageMB": 10_240,
    "HourlyAsyncReportRuns": 1_200,
    "HourlyDashboardRefreshes": 200,
    "HourlyDashboardResults": 5_000,
    "HourlyDashboardStatuses": 999_999_999,
    "HourlyElevateAsyncReportRuns": 1_200,
    "HourlyElevateSyncReportRuns": 500,
    "HourlyLongTermIdMapping": 100_000,
    "HourlyManagedContentPublicRequests": 50_000,
    "HourlyODataCallout": 1_000,
    "HourlyPublishedPlatformEvents": 50_000,
    "HourlyPublishedStandardVolumePlatformEvents": 1_000,
    "HourlyShortTermIdMapping": 100_000,
    "HourlySyncReportRuns": 500,
    "HourlyTimeBasedWorkflow": 1_000,
    "MassEmail": 10,
    "MaxContentDocumentsLimit": 30_000_000,
    "MonthlyEinsteinDiscoveryStoryCreation": 500,
    "Package2VersionCreates": 6,
    "Package2VersionCreatesWithoutValidation": 500,
    "PlatformEventTriggersWithParallelProcessing": 5,
    "PrivateConnectOutboundCalloutHourlyLimitMB": 0,
    "PublishCallbackUsageInApex": 5_242_880,
    "ScheduledFlowRunLimit": 250_000,
    "ScheduledPathRunLimit": 250_000,
    "SingleEmail": 15,
    "StreamingApiConcurrentClients": 20,
}
PERMISSION_SETS, CUSTOM_PERMISSION_SETS = 1_500, 1_000


def limits(call: Call) -> Reply:
    answer: dict[str, dict[str, object]] = {
        name: {"Max": maximum, "Remaining": maximum} for name, maximum in MAXIMA.items()
    }
    used, maximum = call.api_usage
    answer["DailyApiRequests"] = {"Max": maximum, "Remaining": max(0, maximum - used)}
    (made,) = call.store.connection().execute('SELECT count(*) FROM "PermissionSet"').fetchone()
    answer["PermissionSets"] = {
        "Max": PERMISSION_SETS,
        "Remaining": PERMISSION_SETS - made,
        "CreateCustom": {"Max": CUSTOM_PERMISSION_SETS, "Remaining": CUSTOM_PERMISSION_SETS - made},
    }
    return Reply(body=dict(sorted(answer.items())))


def record_count(call: Call) -> Reply:
    """How many records each object holds; of all objects when `sObjects` names none. Unknown names are left out."""
    asked = [name.strip() for name in call.query.get("sObjects", "").split(",") if name.strip()]
    found = [call.store.objects.get(name) for name in asked] if asked else list(call.store.objects)
    counts = []
    for sobject in found:
        if sobject is None or not sobject.can("queryable") or not call.user.can_read(sobject.name):
            continue
        call.store.provide(sobject)
        where = " WHERE IsDeleted = 0" if sobject.field("IsDeleted") else ""
        statement = f'SELECT count(*) FROM "{sobject.name}"{where}'  # noqa: S608 - names of the schema
        (count,) = call.store.connection().execute(statement).fetchone()
        if count or asked:
            counts.append({"count": count, "name": sobject.name})
    return Reply(body={"sObjects": sorted(counts, key=lambda entry: entry["name"])})


routes = [resource("GET", "/limits", limits), resource("GET", "/limits/recordCount", record_count)]
